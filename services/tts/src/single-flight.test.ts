import { expect, it } from "vitest";
import { SingleFlight } from "./single-flight.js";

const pending = () => {
  let finish: (value: number) => void = () => {};
  const done = new Promise<number>((resolve) => {
    finish = resolve;
  });
  return { done, finish };
};

it("does once what two want at the same time, and again what is wanted later", async () => {
  const flights = new SingleFlight<number>();
  const { signal } = new AbortController();
  const { done, finish } = pending();
  let runs = 0;
  const work = () => {
    runs++;
    return done;
  };
  const both = [flights.run("a", signal, work), flights.run("a", signal, work)];
  finish(7);
  expect(await Promise.all(both)).toEqual([
    { value: 7, first: true },
    { value: 7, first: false },
  ]);
  expect(runs).toBe(1);
  await flights.run("a", signal, work);
  expect(runs).toBe(2);
});

it("goes on for the second when the first leaves, and stops when both have left", async () => {
  const flights = new SingleFlight<number>();
  const [first, second] = [new AbortController(), new AbortController()];
  let stopped = false;
  const work = (signal: AbortSignal) =>
    new Promise<number>((_, reject) => {
      signal.addEventListener("abort", () => {
        stopped = true;
        reject(signal.reason);
      });
    });
  const runs = [flights.run("a", first.signal, work), flights.run("a", second.signal, work)];
  first.abort(new Error("first left"));
  await expect(runs[0]).rejects.toThrow("first left");
  expect(stopped).toBe(false);
  second.abort(new Error("second left"));
  await expect(runs[1]).rejects.toThrow("second left");
  expect(stopped).toBe(true);
});
