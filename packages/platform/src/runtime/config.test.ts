import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { PolyreelError } from "../errors.js";
import { amount, bytes, count, readCommonConfig, readEnvironment, readStoreConfig, span } from "./config.js";

const specs = {
  SLOTS: count({ default: 2, desc: "slots at a time" }),
  SECONDS: amount({ default: 1.5, desc: "seconds to wait" }),
  AGE: span({ default: 1000, desc: "how old" }),
  SIZE: bytes({ default: 1000, desc: "how large" }),
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
  it("reads numbers, and applies defaults", () => {
    expect(readEnvironment(specs, {})).toMatchObject({ SLOTS: 2, SECONDS: 1.5 });
    expect(readEnvironment(specs, { SLOTS: "1", SECONDS: "0.25" })).toMatchObject({ SLOTS: 1, SECONDS: 0.25 });
  });

  it.each(["0", "-1", "1.5", "2x", "NaN", "Infinity"])("refuses %s slots", (value) => {
    expect(refused({ SLOTS: value })).toContain("SLOTS (slots at a time)");
  });

  it.each(["0", "-1", "2x", "NaN", "Infinity"])("refuses %s seconds", (value) => {
    expect(refused({ SECONDS: value })).toContain("SECONDS (seconds to wait)");
  });

  it("reads durations and sizes, unlimited if empty", () => {
    expect(readEnvironment(specs, {})).toMatchObject({ AGE: 1000, SIZE: 1000 });
    expect(readEnvironment(specs, { AGE: "2h", SIZE: "5GB" })).toMatchObject({ AGE: 7_200_000, SIZE: 5e9 });
    const endless = { AGE: Number.POSITIVE_INFINITY, SIZE: Number.POSITIVE_INFINITY };
    expect(readEnvironment(specs, { AGE: "", SIZE: "" })).toMatchObject(endless);
    expect(refused({ AGE: "30" })).toContain("AGE (how old)");
    expect(refused({ SIZE: "much" })).toContain("SIZE (how large)");
  });

  it("names every invalid variable", () => {
    const reason = refused({ SLOTS: "none", SECONDS: "-3" });
    expect(reason).toContain("SLOTS");
    expect(reason).toContain("SECONDS");
  });
});

describe("readStoreConfig", () => {
  it("reads a folder, and where copies of another store go", async () => {
    const { address, cache } = readStoreConfig({ POLYREEL_STORE: "/srv/store", XDG_CACHE_HOME: "/cache" });
    expect({ address, cache }).toEqual({
      address: "/srv/store",
      cache: { folder: "/cache/polyreel-copies", maxBytes: 20e9 },
    });
    const given = { POLYREEL_STORE: "s3://media", POLYREEL_CACHE: "/disk/copies", POLYREEL_CACHE_BYTES: "1GB" };
    expect(readStoreConfig(given).cache).toEqual({ folder: "/disk/copies", maxBytes: 1e9 });
  });

  it("takes keys from the environment, and shows them to nobody", async () => {
    const keys = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "hidden", AWS_SESSION_TOKEN: "token" };
    const config = readStoreConfig({ POLYREEL_STORE: "s3://media", ...keys });
    expect(await config.s3Keys()).toEqual({ accessKeyId: "id", secretAccessKey: "hidden", sessionToken: "token" });
    expect(inspect(config, { depth: 10, showHidden: true }) + JSON.stringify(config)).not.toContain("hidden");
  });

  it("refuses an address of S3 that is none", () => {
    expect(() => readStoreConfig({ POLYREEL_STORE: "s3://media?endpint=http://x" })).toThrow("endpint");
  });
});

it("names a missing variable", () => {
  expect(() => readCommonConfig({})).toThrow("POLYREEL_STORE is not set");
});
