#!/usr/bin/python3
"""Sends requests to the coordinator's socket, which is faster than a JVM on an emulated CPU.

    ask-coord await SECONDS PATH EXPRESSION   waits until EXPRESSION is true for 'it', the answer to GET PATH,
                                              and prints the answer; exit code 1 after SECONDS
    ask-coord enqueue FILE                    sends the request in each line, prints each acknowledged id;
                                              exit code 75 if the answer is 'not now'
"""
import json
import socket
import sys
import time


def ask(method, path, body=""):
    body = body.encode()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(600)
        connection.connect("/run/coord/coord.sock")
        connection.sendall("{} {} HTTP/1.0\r\nHost: coord\r\nContent-Length: {}\r\n\r\n".format(
            method, path, len(body)).encode() + body)
        answer = b""
        while data := connection.recv(65536):
            answer += data
    head, _, text = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(text)


def await_it(seconds, path, expression):
    end = time.monotonic() + float(seconds)
    last = None
    while time.monotonic() < end:
        try:
            code, last = ask("GET", path)
            if code == 200 and eval(expression, {"it": last}):
                print(json.dumps(last))
                return 0
        except OSError as e:
            last = str(e)
        time.sleep(0.2)
    print(json.dumps(last))
    return 1


def enqueue(file):
    for line in open(file):
        code, answer = ask("POST", "/v1/experiments", line)
        if code != 201:
            print(json.dumps(answer), file=sys.stderr)
            return 75 if code == 503 else 1
        print(answer["id"], flush=True)
    return 0


sys.exit({"await": await_it, "enqueue": enqueue}[sys.argv[1]](*sys.argv[2:]))
