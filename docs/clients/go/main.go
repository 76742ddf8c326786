// Submits the batch in batch.json, follows it to its end, and prints its videos.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	polyreel "example.com/client/gen/polyreel/v1"
)

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: client <host:port> <batch.json> <request id>")
	}
	if err := run(context.Background(), os.Args[1], os.Args[2], os.Args[3]); err != nil {
		log.Fatal(describe(err))
	}
}

func run(ctx context.Context, address, file, requestID string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	batch := &polyreel.Batch{}
	if err := protojson.Unmarshal(text, batch); err != nil {
		return err
	}
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	client := polyreel.NewBatchServiceClient(connection)

	submitted, err := client.SubmitBatch(ctx, &polyreel.SubmitBatchRequest{Batch: batch, RequestId: requestID})
	if err != nil {
		return err
	}
	batchID := submitted.GetBatch().GetBatchId()
	fmt.Printf("batch %s: %d combinations\n", batchID, submitted.GetBatch().GetCombinations().GetTotal())
	if err := follow(ctx, client, batchID); err != nil {
		return err
	}
	return list(ctx, client, batchID)
}

// follow returns when the batch has ended. A broken connection is resumed after the last fact that arrived.
func follow(ctx context.Context, client polyreel.BatchServiceClient, batchID string) error {
	var sequence uint64
	for {
		request := &polyreel.WatchBatchRequest{BatchId: batchID, AfterSequence: sequence}
		updates, err := client.WatchBatch(ctx, request, grpc.WaitForReady(true))
		for err == nil {
			var message *polyreel.WatchBatchResponse
			if message, err = updates.Recv(); err != nil {
				break
			}
			sequence = max(sequence, message.GetSequence())
			switch update := message.GetUpdate().(type) {
			case *polyreel.WatchBatchResponse_CombinationDelivered:
				fmt.Println("delivered", update.CombinationDelivered.GetPath())
			case *polyreel.WatchBatchResponse_CombinationFailed:
				fmt.Println("failed", update.CombinationFailed.GetFailure().GetReason())
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if status.Code(err) != codes.Unavailable {
			return err
		}
	}
}

func list(ctx context.Context, client polyreel.BatchServiceClient, batchID string) error {
	request := &polyreel.ListCombinationsRequest{BatchId: batchID}
	for {
		page, err := client.ListCombinations(ctx, request)
		if err != nil {
			return err
		}
		for _, one := range page.GetCombinations() {
			fmt.Println(one.GetState(), one.GetId(), one.GetPath())
		}
		if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
			return nil
		}
	}
}

// describe adds the details of a refusal: which field, block and choice, and what to do.
func describe(err error) string {
	text := err.Error()
	for _, detail := range status.Convert(err).Details() {
		if failure, ok := detail.(*polyreel.Failure); ok {
			text += fmt.Sprintf("\n%s: %s %s", failure.GetField(), failure.GetReason(), failure.GetRemedy())
		}
	}
	return text
}
