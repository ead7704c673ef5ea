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
        self.decode = json.JSONDecoder(object_pairs_hook=unique).decode
        self.made = {}

    def line(self, text, is_newer=False):
        """The object of a line. Raises ValueError if it is wrong. is_newer: of a file with fields of a later version."""
        value = self.decode(text)
        kind = value.get("type")
        if kind not in self.defs:
            raise ValueError(f"type {kind!r}")
        wrong = self.named(kind)(value, is_newer or kind == "other")
        if wrong:
            raise ValueError(kind + wrong)
        return value

    def named(self, name):
        """The function that checks values of a definition; made once, as live tests check a hundred thousand lines."""
        if name not in self.made:
            self.made[name] = self.make(self.defs[name])
        return self.made[name]

    def make(self, schema):
        """A function of a value, and whether it may have unknown members; it returns what is wrong and where, or None."""
        if "$ref" in schema:
            return self.named(schema["$ref"].rsplit("/", 1)[1])
        wanted = TYPES[schema["type"]]
        inner = {str: self.make_pattern, list: self.make_items, dict: self.make_members}.get(wanted)
        inner = inner and inner(schema)

        def check(value, is_open=False):
            if type(value) is not wanted:  # of which bool is no int
                return f": {value!r} is no {schema['type']}"
            return inner and inner(value, is_open)

        return check

    @staticmethod
    def make_pattern(schema):
        if "pattern" not in schema:
            return None
        search = re.compile(schema["pattern"]).search
        return lambda value, _: None if search(value) else f": {value!r} does not match {schema['pattern']}"

    def make_items(self, schema):
        check = self.make(schema["items"])

        def check_items(value, _):
            for item in value:
                wrong = check(item)
                if wrong:
                    return "[]" + wrong
            return None

        return check_items

    def make_members(self, schema):
        required = schema["required"]
        members = {name: self.make(member) for name, member in schema["properties"].items()}

        def check_members(value, is_open):
            for name in required:
                if name not in value:
                    return f": no {name}"
            for name, member in value.items():
                check = members.get(name)
                wrong = check(member) if check else None if is_open else f": unknown member {name}"
                if wrong:
                    return f".{name}{wrong}" if check else wrong
            return None

        return check_members


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
