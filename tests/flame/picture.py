# tests/flame/picture.py - reads the picture data of a flame graph, by its documentation and not by its code
import json
import re
import xml.etree.ElementTree as ET

SVG = '{http://www.w3.org/2000/svg}'
DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_'
VALUES = {digit: value for value, digit in enumerate(DIGITS)}


class Stream:
    def __init__(self, text):
        self.text = text or ''
        self.at = 0

    def more(self):
        return self.at < len(self.text)

    def raw(self):
        self.at += 1
        return VALUES[self.text[self.at - 1]]

    def number(self):
        value = shift = 0
        while True:
            digit = self.raw()
            value |= (digit & 31) << shift
            shift += 5
            if digit < 32:
                return value


class Box:
    def __init__(self, name, parent, level, part):
        self.name, self.parent, self.level, self.part = name, parent, level, part
        self.path = parent.path + (name,) if parent else ()
        self.children = []
        self.merged_frames = self.merged = self.old = self.gone = self.merged_old = 0
        self.profile = []  # merged width, level by level
        self.width = self.start = self.used = 0

    @property
    def own(self):
        return self.width - sum(child.width for child in self.children) - self.merged


class Picture:
    def __init__(self, text):
        self.root = ET.fromstring(text)
        self.info = json.loads(self._metadata('picture'))
        assert self.info['version'] == 2, self.info
        self.diff = self.info['view'] == 'diff'
        self._read_names()
        self.parts = {part: self._read_boxes(part) for part in ('boxes', 'gone', 'callers')}

    def _metadata(self, name):
        for element in self.root.iter(SVG + 'metadata'):
            if element.get('id') == name:
                return element.text or ''
        return ''

    def _read_names(self):
        self.names = ['']
        self.totals = {}
        previous = ''
        lines = self._metadata('names').split('\n')
        totals = Stream(self._metadata('totals'))
        for line in lines[:self.info['names']]:
            previous = previous[:VALUES[line[0]]] + line[1:]
            self.names.append(previous)
            totals.raw()
            self.totals[previous] = [totals.number() for _ in range(4)]

    def _read_boxes(self, part):
        stream = Stream(self._metadata(part))
        boxes = []
        open_boxes = []
        while stream.more():
            up = stream.number()
            name = self.names[stream.number()]
            gap = stream.number()
            for _ in range(up >> 1):
                open_boxes.pop()
            parent = open_boxes[-1] if open_boxes else None
            box = Box(name, parent, parent.level + 1 if parent else 0, part)
            if parent:
                box.width = parent.width - parent.used - gap
                box.start = parent.start + parent.used
                parent.used += box.width
                parent.children.append(box)
            else:
                box.width = gap
            if self.diff:
                box.old, box.gone = stream.number(), stream.number()
            if up & 1:
                self._read_merged(stream, box)
            boxes.append(box)
            open_boxes.append(box)
        return boxes

    def _read_merged(self, stream, box):
        box.merged_frames = stream.number()
        width = box.merged = stream.number()
        while width > 0:
            run, drop = stream.number(), stream.number()
            box.profile += [width] * run
            width -= drop
        if self.diff:
            box.merged_old = stream.number()

    @property
    def boxes(self):
        return self.parts['boxes']

    def by_path(self):
        return {box.path: box for box in self.boxes}

    def drawn(self):
        """(title, x, y, width) of every box that has a label."""
        result = []
        for group in self.root.iter(SVG + 'g'):
            title = group.find(SVG + 'title')
            rect = group.find(SVG + 'rect')
            if title is not None and rect is not None:
                result.append((title.text, float(rect.get('x')), float(rect.get('y')),
                               float(rect.get('width'))))
        return result

    def path_boxes(self):
        """(class, x, y, width) of every box without a label."""
        result = []
        for path in self.root.iter(SVG + 'path'):
            if path.get('class') == 'z':
                continue
            for x, y, width in re.findall(r'M([\d.]+) (\d+)h([\d.]+)v', path.get('d')):
                result.append((path.get('class'), float(x), float(y), float(width)))
        return result

    def texts(self):
        return [''.join(element.itertext()) for element in self.root.iter(SVG + 'text')]

    def elements(self):
        return list(self.root.iter())
