"""elf_places.py - where a function of a program is: its address, as objdump -d prints it, and its offset in the file"""
import struct

PT_LOAD = 1
SHT_SYMTAB = 2


def place(path, name):
    """Address and file offset of a function of an ELF file of 64 bits."""
    with open(path, "rb") as file:
        data = file.read()
    segments, sections = (struct.unpack_from("<Q", data, at)[0] for at in (0x20, 0x28))
    segment_size, segment_count, section_size, section_count = struct.unpack_from("<4H", data, 0x36)
    loaded = [struct.unpack_from("<IIQQQQ", data, segments + number * segment_size) for number in range(segment_count)]
    headers = [struct.unpack_from("<IIQQQQIIQQ", data, sections + number * section_size) for number in range(section_count)]
    for _, kind, _, _, offset, size, link, _, _, entry in headers:
        for at in range(offset, offset + size, entry) if kind == SHT_SYMTAB else ():
            text, _, _, _, address = struct.unpack_from("<IBBHQ", data, at)
            start = headers[link][4] + text
            if data[start:data.index(b"\0", start)] == name.encode():
                for kind, _, place_in_file, first, _, length in loaded:
                    if kind == PT_LOAD and first <= address < first + length:
                        return address, address - first + place_in_file
    raise SystemExit(f"{path}: no function {name}")
