import { describe, expect, it } from "vitest";
import { amount, count, readCommonConfig, readEnvironment } from "./config.js";
import { PolyreelError } from "./errors.js";

const specs = {
  SLOTS: count({ default: 2, desc: "slots at a time" }),
  SECONDS: amount({ default: 1.5, desc: "seconds to wait" }),
};
const refused = (env: NodeJS.ProcessEnv): string => {
  try {
    readEnvironment(specs, env);
  } catch (error) {
    if (error instanceof PolyreelError) return error.failure.reason;
  }
  return "";
};

describe("readEnvironment", () => {
  it("reads numbers, and defaults where nothing is said", () => {
    expect(readEnvironment(specs, {})).toMatchObject({ SLOTS: 2, SECONDS: 1.5 });
    expect(readEnvironment(specs, { SLOTS: "1", SECONDS: "0.25" })).toMatchObject({ SLOTS: 1, SECONDS: 0.25 });
  });

  it.each(["0", "-1", "1.5", "2x", "NaN", "Infinity"])("refuses %s slots", (value) => {
    expect(refused({ SLOTS: value })).toContain("SLOTS (slots at a time)");
  });

  it.each(["0", "-1", "2x", "NaN", "Infinity"])("refuses %s seconds", (value) => {
    expect(refused({ SECONDS: value })).toContain("SECONDS (seconds to wait)");
  });

  it("names every variable that is wrong", () => {
    const reason = refused({ SLOTS: "none", SECONDS: "-3" });
    expect(reason).toContain("SLOTS");
    expect(reason).toContain("SECONDS");
  });
});

it("names a variable that is missing", () => {
  expect(() => readCommonConfig({})).toThrow("POLYREEL_STORE is not set");
});
