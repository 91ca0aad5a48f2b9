"""Reads a DLMS meter over the TCP wrapper with the Gurux library and prints
what it saw as JSON. Usage: peer.py HOST PORT [PASSWORD]; the rest of what to do
comes as JSON on standard input."""

import datetime
import json
import socket
import struct
import sys

from gurux_dlms import GXByteBuffer, GXDateTime, GXDLMSClient, GXReplyData
from gurux_dlms.enums import Authentication, InterfaceType
from gurux_dlms.objects import (
    GXDLMSClock,
    GXDLMSData,
    GXDLMSProfileGeneric,
    GXDLMSRegister,
)


class Meter:
    """One association."""

    def __init__(self, host, port, password):
        self.sock = socket.create_connection((host, port), timeout=10)
        self.requests = 0
        authentication = Authentication.LOW if password else Authentication.NONE
        self.client = GXDLMSClient(
            True, 16, 1, authentication, password or None, InterfaceType.WRAPPER
        )
        reply = GXReplyData()
        for message in self.client.aarqRequest():
            self.exchange(message, reply)
        self.client.parseAareResponse(reply.data)

    def octets(self, n):
        got = b""
        while len(got) < n:
            part = self.sock.recv(n - len(got))
            if not part:
                raise EOFError("meter closed the connection")
            got += part
        return got

    def exchange(self, message, reply):
        self.sock.sendall(bytes(message))
        self.requests += 1
        header = self.octets(8)
        frame = header + self.octets(struct.unpack(">H", header[6:])[0])
        self.client.getData(GXByteBuffer(frame), reply, None)
        if reply.error:
            raise RuntimeError("access result %d" % reply.error)
        while reply.isMoreData():
            more = self.client.receiverReady(reply)
            self.exchange(more[0] if isinstance(more, list) else more, reply)

    def ask(self, messages):
        reply = GXReplyData()
        for message in messages:
            self.exchange(message, reply)
        return reply

    def read(self, thing, attribute):
        reply = self.ask(self.client.read(thing, attribute))
        return self.client.updateValue(thing, attribute, reply.value)

    def release(self):
        for message in self.client.releaseRequest():
            self.exchange(message, GXReplyData())
        self.sock.close()


def moment(value):
    """ISO 8601 with zone, from what Gurux makes of a date-time."""
    when = value.value if isinstance(value, GXDateTime) else value
    return when.isoformat()


def rows_of(profile):
    return [[moment(row[0])] + [plain(x) for x in row[1:]] for row in profile.buffer]


def plain(x):
    return x if isinstance(x, (int, float)) else str(x)


def main():
    host, port = sys.argv[1], int(sys.argv[2])
    password = sys.argv[3] if len(sys.argv) > 3 else ""
    job = json.load(sys.stdin)
    meter = Meter(host, port, password)
    seen = {}

    serial = GXDLMSData("0.0.96.1.0.255")
    value = meter.read(serial, 2)
    seen["serial"] = bytes(value).decode() if not isinstance(value, str) else value

    clock = GXDLMSClock("0.0.1.0.0.255")
    meter.read(clock, 2)
    seen["clock"] = moment(clock.time)

    registers = [GXDLMSRegister(code) for code in job["registers"]]
    singly = {}
    for register in registers:
        meter.read(register, 3)
        meter.read(register, 2)
        singly[register.logicalName] = float(register.value)
    seen["singly"] = singly
    seen["units"] = {r.logicalName: int(r.unit) for r in registers}

    items = [(register, 2) for register in registers]
    values = []
    for message in meter.client.readList(items):
        reply = GXReplyData()
        for part in message if isinstance(message, list) else [message]:
            meter.exchange(part, reply)
        values.extend(reply.value)
    meter.client.updateValues(items, values)
    seen["listed"] = {r.logicalName: float(r.value) for r in registers}

    profile = GXDLMSProfileGeneric("1.0.99.1.0.255")
    meter.read(profile, 3)
    meter.read(profile, 4)
    seen["period"] = int(profile.capturePeriod)
    seen["columns"] = [thing.logicalName for thing, _ in profile.captureObjects]

    start = datetime.datetime.fromisoformat(job["from"])
    end = datetime.datetime.fromisoformat(job["to"])
    reply = meter.ask(meter.client.readRowsByRange(profile, start, end))
    meter.client.updateValue(profile, 2, reply.value)
    seen["by_range"] = rows_of(profile)

    reply = meter.ask(meter.client.readRowsByEntry(profile, job["entry"], job["count"]))
    meter.client.updateValue(profile, 2, reply.value)
    seen["by_entry"] = rows_of(profile)

    meter.release()
    seen["requests"] = meter.requests
    json.dump(seen, sys.stdout)


if __name__ == "__main__":
    main()
