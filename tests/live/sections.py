"""sections.py - what the live tests of sections share: the sections of a trace with what belongs to them"""
import os

from recorder import BUILD, report

SAMPLES = os.path.join(BUILD, "samples", "sections")


class Section:
    def __init__(self, event):
        self.event = event
        self.id = event["id"]
        self.label = event.get("label", "")
        self.tid = event["tid"]
        self.duration_ns = event["duration_ns"]
        self.threshold_ns = event["threshold_ns"]
        self.phases = event["phases"]
        self.steps = event["steps"]

    def spent_ns(self, *states, call=None):
        """Time in any of these states, in the system call of that name or in any."""
        return sum(phase["duration_ns"] for phase in self.phases
                   if phase["state"] in states and call in (None, phase.get("name")))


def sections(path, **options):
    """All sections by id, the section histograms, and the events of a trace."""
    found, tallies, events = {}, {}, report(path, **options)
    for event in events:
        if event["type"] == "section":
            found[event["id"]] = Section(event)
        if event["type"] == "section_histogram":
            tallies[event["pid"], event["source"], event.get("label", ""), event["bucket"]] = event
    return found, list(tallies.values()), events


def check_sums(checks, found):
    """What every kept section promises."""
    for section in found.values():
        total = sum(phase["duration_ns"] for phase in section.phases)
        checks.equal(total, section.duration_ns, f"section {section.id}: phases add up to the duration")
        checks.that(section.duration_ns >= section.threshold_ns,
                    f"section {section.id}: kept after {section.duration_ns} of {section.threshold_ns} ns")
