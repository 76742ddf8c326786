import { createLog } from "@polyreel/platform/runtime";
import { closeConnection, connectNats, type NatsConnection } from "@polyreel/platform/stream";

/** States as clients get them, by the token of their subject. */
export type Received = { readonly subject: string; readonly state: Record<string, unknown> };

/** A client of the broker that publishes jobs and listens for their states, with no code of ours but the connection. */
export class JobClient {
  readonly received: Received[] = [];

  private constructor(private readonly connection: NatsConnection) {
    connection.subscribe("polyreel-jobs.>", {
      callback: (_, message) => {
        const { subject } = message;
        if (subject.includes(".progress.")) this.received.push({ subject, state: message.json() });
      },
    });
  }

  static async connect(url: string): Promise<JobClient> {
    const client = new JobClient(await connectNats({ url, name: "client", log: createLog("client", "silent") }));
    await client.connection.flush();
    return client;
  }

  /** Resolves when the stream has it; rejects with the server's refusal. */
  async submit(job: unknown, subject = "polyreel-jobs.submit"): Promise<void> {
    const payload = typeof job === "string" || job instanceof Uint8Array ? job : JSON.stringify(job);
    const answer = await this.connection.request(subject, payload, { timeout: 10_000 });
    const { error } = answer.json<{ error?: { description: string } }>();
    if (error) throw new Error(error.description);
  }

  /** Publishes without waiting for anything. */
  publish(job: unknown, subject = "polyreel-jobs.submit"): void {
    this.connection.publish(subject, JSON.stringify(job));
  }

  flush(): Promise<void> {
    return this.connection.flush();
  }

  async request(subject: string, payload: object): Promise<Record<string, unknown>> {
    return (await this.connection.request(subject, JSON.stringify(payload))).json();
  }

  /** States of a job, in order. */
  statesOf(jobId: string, root = "polyreel-jobs"): Record<string, unknown>[] {
    const subject = `${root}.progress.${Buffer.from(jobId).toString("base64url")}`;
    return this.received.filter((one) => one.subject === subject).map(({ state }) => state);
  }

  close(): Promise<void> {
    return closeConnection(this.connection);
  }
}
