import { expect, it } from "vitest";
import { Outbox } from "./outbox.js";

it("sends together what one turn of the event loop gives, in order, whatever one of it throws", async () => {
  const outbox = new Outbox();
  const sent: number[] = [];
  for (let i = 0; i < 3; i++) {
    await Promise.resolve(); // a microtask each, as messages that are worked side by side
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
