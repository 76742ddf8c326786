import type { JsMsg } from "@nats-io/jetstream";
import { expect, it } from "vitest";
import { HeldMessages } from "./held-messages.js";

const message = () => ({ working: () => {} }) as unknown as JsMsg;

it("resolves roomFor when there is room, when woken, and after its timeout", async () => {
  const held = new HeldMessages(3, 60_000);
  const messages = [message(), message(), message()];
  for (const one of messages) held.add(one);
  const resolved: string[] = [];
  const one = held.roomFor(1).then(() => resolved.push("one"));
  const two = held.roomFor(2).then(() => resolved.push("two"));
  await held.roomFor(3, 5).then(() => resolved.push("timeout"));
  expect(resolved).toEqual(["timeout"]);
  held.remove(messages[0] as JsMsg);
  await one;
  held.remove(messages[1] as JsMsg);
  await two;
  expect(resolved).toEqual(["timeout", "one", "two"]);
  await held.roomFor(2);
  const woken = held.roomFor(3);
  held.wake();
  await woken;
  expect(held.room).toBe(2);
  held.close();
});
