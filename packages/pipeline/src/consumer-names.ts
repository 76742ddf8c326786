import { STREAM } from "@polyreel/contract";
import type { EventStream } from "@polyreel/platform/stream";

/** Names of the stream's consumers. The server lists a consumer that is being deleted as null. */
export async function* consumerNames({ manager }: Pick<EventStream, "manager">): AsyncGenerator<string> {
  for await (const info of manager.consumers.list(STREAM)) {
    const listed: { name: string } | null = info;
    if (listed) yield listed.name;
  }
}
