import { type NatsConnection, refusedRightIn } from "@polyreel/platform/stream";

/** Which of the subjects the connection's user may not publish to. */
export async function deniedToPublish(connection: NatsConnection, subjects: readonly string[]): Promise<Set<string>> {
  return collect(connection, "publish", () => {
    for (const subject of subjects) connection.publish(subject);
  });
}

/** Which of the subjects the connection's user may not subscribe to. */
export async function deniedToSubscribe(connection: NatsConnection, subjects: readonly string[]): Promise<Set<string>> {
  return collect(connection, "subscription", () => {
    for (const subject of subjects) connection.subscribe(subject, { callback: () => {} });
  });
}

/** The server answers in order, so that a flush follows its refusals. */
async function collect(connection: NatsConnection, operation: string, ask: () => void): Promise<Set<string>> {
  const denied = new Set<string>();
  const status = connection.status();
  const following = (async () => {
    for await (const event of status) {
      const right = event.type === "error" ? refusedRightIn(event.error) : undefined;
      if (right?.operation === operation) denied.add(right.subject);
    }
  })();
  ask();
  await connection.flush();
  await connection.close();
  await following;
  return denied;
}
