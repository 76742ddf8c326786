// Sends the job in a file, and prints its states until it has ended.
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/nats-io/nats.go"
)

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

func run(url, file string) error {
	var job, state struct {
		ID     string `json:"job_id"`
		Status string `json:"status"`
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &job); err != nil {
		return err
	}
	client, err := nats.Connect(url)
	if err != nil {
		return err
	}
	defer client.Close()
	states, err := client.SubscribeSync("polyreel-jobs.progress." + base64.RawURLEncoding.EncodeToString([]byte(job.ID)))
	if err != nil {
		return err
	}
	// The answer states that the stream has the job, or why not.
	stream, err := client.JetStream()
	if err != nil {
		return err
	}
	if _, err := stream.Publish("polyreel-jobs.submit", text); err != nil {
		return err
	}
	for state.Status = "processing"; state.Status == "processing"; {
		message, err := states.NextMsg(time.Hour)
		if err != nil {
			return err
		}
		fmt.Println(string(message.Data))
		if err := json.Unmarshal(message.Data, &state); err != nil {
			return err
		}
	}
	return nil
}
