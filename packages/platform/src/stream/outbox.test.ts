import { expect, it } from "vitest";
import { Outbox } from "./outbox.js";

it("sends the messages of one turn of the event loop together, in order, even if one of them throws", async () => {
  const outbox = new Outbox();
  const sent: number[] = [];
  for (let i = 0; i < 3; i++) {
    await Promise.resolve(); // A microtask each, like concurrently processed messages.
    outbox.add(() => {
      if (i === 1) throw new Error("closed");
      sent.push(i);
    });
  }
  expect(sent).toEqual([]);
  await new Promise(setImmediate);
  expect(sent).toEqual([0, 2]);
  outbox.add(() => sent.push(3));
  outbox.flush();
  expect(sent).toEqual([0, 2, 3]);
});
