import { expect, it, vi } from "vitest";
import { StrangeMessages } from "./strange-messages.js";

it("logs a subject once a minute, with the position and the remedy, and few subjects", () => {
  let now = 0;
  const warn = vi.fn();
  const messages = new StrangeMessages({ warn }, () => now);
  const batchId = "b";
  for (let sequence = 1; sequence <= 3; sequence++) {
    messages.report({ subject: `polyreel.clip.ready.${batchId}`, sequence });
    messages.report({ subject: "polyreel.no.fact.b", sequence: sequence + 10 });
  }
  messages.report({ sequence: 20 }); // Nothing follows.
  expect(warn.mock.calls.map(([fields]) => fields)).toEqual([
    { subject: "polyreel.clip.ready.b", sequence: 1, remedy: expect.stringContaining("let only Polyreel publish") },
    { subject: "polyreel.no.fact.b", sequence: 11, remedy: expect.stringContaining("run the release that published") },
  ]);
  now += 60_000;
  for (let i = 0; i < 1000; i++)
    messages.report({ subject: `polyreel.no.${"x".repeat(1000)}.${i}`, sequence: 100 + i });
  expect(warn).toHaveBeenCalledTimes(22);
  expect(warn.mock.lastCall?.[0].subject).toHaveLength(200);
});
