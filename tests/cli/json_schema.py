#!/usr/bin/env python3
"""json_schema.py - checks lines of diag-report --json against share/report.schema.json

  usage: json_schema.py SCHEMA FILE...

Knows the keywords that the schema uses. Is stricter than the schema: a member that it does not have is wrong, as is null, and a
name that comes twice in one object. Programs that read many lines use Checker."""
import json
import re
import sys

TYPES = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}


class Checker:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.defs = json.load(file)["$defs"]

    def line(self, text, is_newer=False):
        """The object of a line. Raises ValueError if it is wrong. is_newer: of a file with fields of a later version."""
        value = json.loads(text, object_pairs_hook=unique)
        kind = value.get("type")
        if kind not in self.defs:
            raise ValueError(f"type {kind!r}")
        self.check(value, self.defs[kind], kind, is_newer or kind == "other")
        return value

    def check(self, value, schema, path, is_open=False):
        if "$ref" in schema:
            schema = self.defs[schema["$ref"].rsplit("/", 1)[1]]
        wanted = TYPES[schema["type"]]
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            raise ValueError(f"{path}: {value!r} is no {schema['type']}")
        if "pattern" in schema and not re.search(schema["pattern"], value):
            raise ValueError(f"{path}: {value!r} does not match {schema['pattern']}")
        if wanted is list:
            for item in value:
                self.check(item, schema["items"], f"{path}[]")
        if wanted is dict:
            self.members(value, schema, path, is_open)

    def members(self, value, schema, path, is_open):
        for name in schema["required"]:
            if name not in value:
                raise ValueError(f"{path}: no {name}")
        for name, member in value.items():
            known = schema["properties"].get(name)
            if known:
                self.check(member, known, f"{path}.{name}")
            elif not is_open:
                raise ValueError(f"{path}: unknown member {name}")


def unique(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(f"a name comes twice: {[name for name, _ in pairs]}")
    return found


def main():
    checker = Checker(sys.argv[1])
    for path in sys.argv[2:]:
        with open(path, encoding="ascii") as file:
            for number, line in enumerate(file, 1):
                try:
                    checker.line(line)
                except ValueError as error:
                    sys.exit(f"{path}:{number}: {error}")


if __name__ == "__main__":
    main()
