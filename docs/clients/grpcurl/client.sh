#!/bin/sh
# Submits the batch in batch.json, follows it to its end, and prints its videos.
set -eu
if [ $# -ne 3 ]; then
  echo "usage: client.sh <host:port> <batch.json> <request id>" >&2
  exit 2
fi
address=$1 file=$2 request_id=$3

# call <method> <request>
call() {
  printf '%s' "$2" | grpcurl -plaintext -format-error -d @ "$address" "polyreel.v1.BatchService/$1"
}

submitted=$(call SubmitBatch "{\"requestId\": \"$request_id\", \"batch\": $(cat "$file")}")
batch_id=$(printf '%s\n' "$submitted" | sed -n 's/^ *"batchId": "\([^"]*\)".*/\1/p')
echo "batch $batch_id"

# Prints every fact until the batch has ended. After a broken connection, add "afterSequence" of the last one printed.
call WatchBatch "{\"batchId\": \"$batch_id\"}"
# The first page; the next one needs "pageToken", which is this one's "nextPageToken".
call ListCombinations "{\"batchId\": \"$batch_id\", \"pageSize\": 1000}"
