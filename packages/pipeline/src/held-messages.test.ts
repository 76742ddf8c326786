import type { JsMsg } from "@nats-io/jetstream";
import { expect, it } from "vitest";
import { HeldMessages } from "./held-messages.js";

const message = () => ({ working: () => {} }) as unknown as JsMsg;

it("tells when there is room for so many, when it is woken, and when it has waited long enough", async () => {
  const held = new HeldMessages(3, 60_000);
  const messages = [message(), message(), message()];
  for (const one of messages) held.add(one);
  const told: string[] = [];
  const one = held.roomFor(1).then(() => told.push("one"));
  const two = held.roomFor(2).then(() => told.push("two"));
  await held.roomFor(3, 5).then(() => told.push("patience"));
  expect(told).toEqual(["patience"]);
  held.remove(messages[0] as JsMsg);
  await one;
  held.remove(messages[1] as JsMsg);
  await two;
  expect(told).toEqual(["patience", "one", "two"]);
  await held.roomFor(2);
  const woken = held.roomFor(3);
  held.wake();
  await woken;
  expect(held.room).toBe(2);
  held.close();
});
