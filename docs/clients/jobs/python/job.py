"""Sends the job in a file, and prints its states until it has ended."""

import asyncio
import base64
import json
import sys

import nats


async def main(url, file):
    with open(file, "rb") as text:
        job = text.read()
    token = base64.urlsafe_b64encode(json.loads(job)["job_id"].encode()).decode().rstrip("=")
    client = await nats.connect(url)
    states = await client.subscribe(f"polyreel-jobs.progress.{token}")
    await client.jetstream().publish("polyreel-jobs.submit", job)
    async for message in states.messages:
        print(message.data.decode())
        if json.loads(message.data)["status"] != "processing":
            break
    await client.close()


asyncio.run(main(*sys.argv[1:]))
