"""Reads lines "KIND BASE64" and says which documents are not well-formed; KIND is xml, plist or json.

Python's own parsers share no code with the program or its tests. A document type declaration is allowed in property
lists only, and no entity is ever declared or expanded.
"""
import base64
import json
import plistlib
import sys
from xml.parsers import expat


def refuse(*_):
    raise ValueError("a declaration that we never write")


def read_xml(octets):
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.Parse(octets, True)


READERS = {"xml": read_xml, "plist": plistlib.loads, "json": json.loads}

count = 0
for line in sys.stdin:
    kind, text = line.split()
    octets = base64.b64decode(text)
    count += 1
    try:
        READERS[kind](octets)
    except Exception as error:  # whatever it is, the document could not be read
        print("bad", kind, text, repr(error), flush=True)
print("read", count, flush=True)
