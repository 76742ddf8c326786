import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { WatchBatchResponseSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { eventOfUpdate } from "./event-of-update.js";
import { eventText } from "./server-sent-event.js";

const event = (update: MessageInitShape<typeof WatchBatchResponseSchema>) =>
  eventOfUpdate(create(WatchBatchResponseSchema, update));

it.each([...WatchBatchResponseSchema.oneofs].flatMap(({ fields }) => fields.map(({ localName }) => [localName])))(
  "names %s by its noun, or by what it means to a page",
  (name) => {
    const sent = event({ sequence: 5n, update: { case: name, value: {} } as never });
    const noun = /^(batch|combination|part|progress)/.exec(name)?.[1];
    expect(sent).toMatchObject({ name: name === "batchFinished" ? "finished" : noun, id: "5" });
    expect(JSON.parse(sent?.data ?? "")).toEqual({ sequence: "5", [name]: {} });
  },
);

it("leaves the position as it is for progress, and drops what it does not know", () => {
  const progress = event({ update: { case: "progress", value: { id: "a", fraction: 0.5 } } });
  expect(progress && eventText(progress)).toBe('event: progress\ndata: {"progress":{"id":"a","fraction":0.5}}\n\n');
  expect(event({ sequence: 5n })).toBeUndefined();
});

it("writes texts of others in one line", () => {
  const sent = event({ sequence: 1n, update: { case: "batchSubmitted", value: { name: "a\n\ndata: b\r\u2028\0" } } });
  const lines = sent ? eventText(sent).split(/\r\n|\r|\n/) : [];
  expect(lines).toEqual(["id: 1", "event: batch", expect.stringMatching(/^data: /), "", ""]);
});
