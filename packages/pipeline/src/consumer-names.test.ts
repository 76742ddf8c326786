import type { EventStream } from "@polyreel/platform/stream";
import { expect, it } from "vitest";
import { consumerNames } from "./consumer-names.js";

it("skips a consumer that was deleted while the server listed it", async () => {
  // What nats-server 2.9.10 answers if a consumer is deleted at the same time.
  const list = async function* () {
    yield* [{ name: "one" }, null, { name: "two" }];
  };
  const manager = { consumers: { list } } as unknown as EventStream["manager"];
  const names: string[] = [];
  for await (const name of consumerNames({ manager })) names.push(name);
  expect(names).toEqual(["one", "two"]);
});
