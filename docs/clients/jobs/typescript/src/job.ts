// Sends the job in a file, and prints its states until it has ended.
import { readFile } from "node:fs/promises";
import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

const [url = "", file = ""] = process.argv.slice(2);
const job = await readFile(file, "utf8");
const token = Buffer.from(JSON.parse(job).job_id).toString("base64url");
const client = await connect({ servers: url });
const states = client.subscribe(`polyreel-jobs.progress.${token}`);
await jetstream(client).publish("polyreel-jobs.submit", job);
for await (const message of states) {
  console.log(message.string());
  if (message.json<{ status: string }>().status !== "processing") break;
}
await client.close();
