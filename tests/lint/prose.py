"""prose.py - the comments, strings and paragraphs of the tree, for the checks of its English"""
import io
import os
import re
import tokenize

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOPS = ("abi", "analyze", "base", "bpf", "cmake", "ctl", "docs", "flame", "format", "record", "samples", "scripts", "symbols", "tests", "text")
# Recorded and generated files, expected output, and the lists of the checks themselves.
LEFT_OUT = re.compile(r"(^|/)(corpus|golden|traces|__pycache__)/|vmlinux\.h$|^tests/lint/(english.*|messages\.py)$")
C_TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def files():
    """Every text file of the tree, as a path from its root."""
    yield from sorted(name for name in os.listdir(ROOT) if name.endswith((".md", ".txt")) or name.startswith(".clang"))
    for top in TOPS:
        for directory, folders, names in os.walk(os.path.join(ROOT, top)):
            folders.sort()
            for name in sorted(names):
                path = os.path.relpath(os.path.join(directory, name), ROOT)
                if not LEFT_OUT.search(path):
                    yield path


def read(path):
    """The text of a file, None if it is not text."""
    with open(os.path.join(ROOT, path), "rb") as file:
        data = file.read()
    if b"\0" in data:
        return None
    return data.decode("utf-8", "replace")


def kind_of(path, text):
    """c, python, hash (comments begin with #), markdown or None."""
    name = os.path.basename(path)
    first = text.split("\n", 1)[0]
    if name.endswith((".c", ".h", ".js", ".cc", ".java", ".go", ".rs")):
        return "c"
    if name.endswith(".md"):
        return "markdown"
    if name.endswith(".py") or first.startswith("#!") and "python" in first:
        return "python"
    if name.endswith((".sh", ".cmake", ".list")) or name in ("CMakeLists.txt", "sources") or first.startswith("#!"):
        return "hash"
    return None


def without_stars(comment):
    """The words of a C comment, with as many lines as it has."""
    comment = re.sub(r"^/\*+|\*/$|^//", "", comment)
    return re.sub(r"\n[ \t]*\*(?!/) ?", "\n", comment)


def pieces_of_c(text):
    """Comments and strings; adjacent string literals are one string."""
    string, end = None, 0
    for match in C_TOKEN.finditer(text):
        token, line = match[0], text.count("\n", 0, match.start()) + 1
        between = text[end:match.start()]
        if string and token.startswith('"') and not between.strip(" \t\n\\"):
            string = (string[0], "string", string[2] + "\n" * between.count("\n") + token[1:-1])
        else:
            if string:
                yield string
            string = (line, "string", token[1:-1]) if token.startswith('"') and "#include" not in between else None
        end = match.end()
        if token.startswith("/"):
            yield line, "comment", without_stars(token)
    if string:
        yield string


def pieces_of_python(text):
    previous = None
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], "comment", token.string.lstrip("#!")
        elif token.type == tokenize.STRING:
            is_doc = previous in (None, tokenize.NEWLINE, tokenize.INDENT, tokenize.NL) and token.string.lstrip("rb").startswith('"""')
            text_of = token.string.strip("rbf\"'")
            yield token.start[0], "comment" if is_doc else "string", re.sub(r"\{[^{}\n]*\}", "{}", text_of)
        if token.type not in (tokenize.COMMENT, tokenize.NL):
            previous = token.type


def pieces_of_hash(text):
    for number, line in enumerate(text.split("\n"), 1):
        match = re.search(r"(?:^|\s)#(?!!)(.*)$", line)
        if match and not re.search(r"[\"'$]", line[:match.start()]):
            yield number, "comment", match[1]


def pieces_of_markdown(text):
    in_block = False
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith("```"):
            in_block = not in_block
        elif not in_block and not line.startswith("    "):
            yield number, "text", re.sub(r"`[^`]*`", "``", line)


PIECES = {"c": pieces_of_c, "python": pieces_of_python, "hash": pieces_of_hash, "markdown": pieces_of_markdown}


def pieces(path, text):
    """Line number, kind (comment, string, text) and words of each piece; comments that follow each other are one piece."""
    found = list(PIECES[kind_of(path, text)](text)) if kind_of(path, text) else []
    joined = []
    for line, kind, words in found:
        before = joined[-1] if joined else None
        joins = before and before[1] == kind and line == before[0] + before[2].count("\n") + 1
        if joins and kind in ("comment", "text") and (kind == "comment" or words.strip()):
            joined[-1] = (before[0], kind, before[2] + "\n" + words)
        else:
            joined.append((line, kind, words))
    return joined
