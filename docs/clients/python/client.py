"""Submits the batch in batch.json, follows it to its end, and prints its videos."""

import sys
import time

import grpc
from google.protobuf import json_format
from grpc_status import rpc_status

from polyreel.v1 import batch_pb2, batch_service_pb2, batch_service_pb2_grpc, failure_pb2


def main(address, file, request_id):
    with open(file, encoding="utf-8") as text:
        batch = json_format.Parse(text.read(), batch_pb2.Batch())
    with grpc.insecure_channel(address) as channel:
        batches = batch_service_pb2_grpc.BatchServiceStub(channel)
        request = batch_service_pb2.SubmitBatchRequest(batch=batch, request_id=request_id)
        submitted = batches.SubmitBatch(request).batch
        print(f"batch {submitted.batch_id}: {submitted.combinations.total} combinations")
        follow(batches, submitted.batch_id)
        show(batches, submitted.batch_id)


def follow(batches, batch_id):
    """Returns when the batch has ended. A broken connection is resumed after the last fact that arrived."""
    sequence = 0
    while True:
        request = batch_service_pb2.WatchBatchRequest(batch_id=batch_id, after_sequence=sequence)
        try:
            for message in batches.WatchBatch(request):
                sequence = max(sequence, message.sequence)
                update = message.WhichOneof("update")
                if update == "combination_delivered":
                    print("delivered", message.combination_delivered.path)
                elif update == "combination_failed":
                    print("failed", message.combination_failed.failure.reason)
            return
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.UNAVAILABLE:
                raise
            time.sleep(1)


def show(batches, batch_id):
    request = batch_service_pb2.ListCombinationsRequest(batch_id=batch_id)
    while True:
        page = batches.ListCombinations(request)
        for one in page.combinations:
            print(batch_service_pb2.CombinationState.Name(one.state), one.id, one.path)
        request.page_token = page.next_page_token
        if not request.page_token:
            return


def describe(error):
    """Adds the details of a refusal: which field, block and choice, and what to do."""
    lines = [f"{error.code().name}: {error.details()}"]
    status = rpc_status.from_call(error)
    for detail in status.details if status else []:
        failure = failure_pb2.Failure()
        if detail.Unpack(failure):
            lines.append(f"{failure.field}: {failure.reason} {failure.remedy}")
    return "\n".join(lines)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: client.py <host:port> <batch.json> <request id>")
    try:
        main(*sys.argv[1:])
    except grpc.RpcError as error:
        sys.exit(describe(error))
