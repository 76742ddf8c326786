import { PolyreelError } from "@polyreel/platform";
import { describe, expect, it } from "vitest";
import { readConfig } from "./config.js";

describe("readConfig", () => {
  const read = (env: NodeJS.ProcessEnv) => () => readConfig({ POLYREEL_STORE: "/s", ...env });

  it("names the variables that are wrong", () => {
    const wrong = read({ GATEWAY_PORT: "99999", GATEWAY_MAX_COMBINATIONS: "many" });
    expect(wrong).toThrow(PolyreelError);
    expect(wrong).toThrow(/GATEWAY_PORT.*99999.*GATEWAY_MAX_COMBINATIONS/);
  });

  it.each([
    ["*", /every web page/],
    ["https://a.example/", /"https:\/\/a\.example\/" is not an origin; write it as in https:\/\/a\.example/],
    ["https://A.example:443", /as in https:\/\/a\.example/],
    ["https://a.example/studio", /as in https:\/\/a\.example/],
    ["a.example", /is not an origin/],
    ["null", /is not an origin/],
    ["https://a.example, https://b.example/", /b\.example\//],
  ])("refuses %s as an origin", (value, message) => {
    expect(read({ GATEWAY_ALLOWED_ORIGINS: value })).toThrow(message);
  });

  it.each(["http://a.example", "a.example:80", "a.example/x", "*.example", "a b"])("refuses %s as a host", (value) => {
    expect(read({ GATEWAY_ALLOWED_HOSTS: value })).toThrow(/GATEWAY_ALLOWED_HOSTS.*is not a host's name/);
  });

  it.each([
    [
      "POLYREEL_REST_OUTPUTS",
      "thumbnail, resize",
      /"resize" is none of thumbnail, video_thumbnail, contact_sheet, audio_extract/,
    ],
    ["POLYREEL_REST_OUTPUTS", ",", /name at least one of thumbnail/],
    ["POLYREEL_REST_FORMATS", "mp4,gif", /"gif" is none of mp4, mov, avi, mkv, webm/],
    ["POLYREEL_REST_MAX_BYTES", "much", /POLYREEL_REST_MAX_BYTES/],
  ])("refuses %s=%s", (name, value, message) => {
    expect(read({ [name]: value })).toThrow(message);
  });

  it.each([
    ["proxy.example", /"proxy.example" is neither an address nor a network.*names are not resolved/],
    ["10.0.0.7, 10.1.0.0/99", /"10.1.0.0\/99" is neither .* prefix is out of range/],
  ])("refuses %s as a trusted proxy", (value, message) => {
    expect(read({ POLYREEL_TRUSTED_PROXIES: value })).toThrow(message);
  });

  it("takes a certificate with its key, or neither", () => {
    const [certificate, key] = ["/c.pem", "/k.pem"];
    expect(read({ POLYREEL_TLS_CERT: certificate, POLYREEL_TLS_KEY: key })().tls).toEqual({ certificate, key });
    expect(read({ POLYREEL_TLS_CERT: certificate })).toThrow("POLYREEL_TLS_CERT is set, and POLYREEL_TLS_KEY is not");
    expect(read({ POLYREEL_TLS_KEY: key })).toThrow("POLYREEL_TLS_KEY is set, and POLYREEL_TLS_CERT is not");
    expect(read({})()).toMatchObject({ tls: undefined, trustedProxies: [] });
  });

  it("reads the settings of the REST layer", () => {
    const env = {
      POLYREEL_REST_OUTPUTS: "audio_extract, thumbnail,thumbnail",
      POLYREEL_REST_FORMATS: "webm",
      POLYREEL_REST_MAX_BYTES: "1GB",
      POLYREEL_REST_MAX_LIVE_JOBS: "7",
    };
    expect(readConfig({ POLYREEL_STORE: "/s", ...env }).rest).toEqual({
      outputs: ["audio_extract", "thumbnail"],
      formats: ["webm"],
      maxUploadBytes: 1e9,
      maxLiveJobs: 7,
    });
  });

  it("knows no other word for who is asked", () => {
    expect(read({ POLYREEL_AUTH: "yes" })).toThrow(/POLYREEL_AUTH/);
  });

  it("has defaults, splits lists, and takes 0 for no bound of a client", () => {
    expect(readConfig({ POLYREEL_STORE: "/s" })).toMatchObject({
      auth: "local",
      allowedHosts: [],
      allowedOrigins: [],
      maxConnectionsPerAddress: 250,
      stallSeconds: 30,
    });
    const config = readConfig({
      POLYREEL_STORE: "/s",
      GATEWAY_ALLOWED_ORIGINS: "https://a.example, https://b.example",
      GATEWAY_ALLOWED_HOSTS: "Studio.example, ::1, 10.0.0.5",
      GATEWAY_MAX_CONNECTIONS_PER_ADDRESS: "0",
    });
    expect(config).toMatchObject({
      host: "127.0.0.1",
      port: 8080,
      allowedOrigins: ["https://a.example", "https://b.example"],
      allowedHosts: ["studio.example", "[::1]", "10.0.0.5"],
      maxConnectionsPerAddress: Number.POSITIVE_INFINITY,
      maxMessageBytes: 4_194_304,
    });
  });

  it("reads where links lead, with what they are signed, and how long they live", () => {
    expect(read({})().links).toEqual({
      lifetimeMs: 86_400_000,
      publicUrl: undefined,
      cdnUrl: undefined,
      keys: [],
      keysFile: "",
    });
    const { links } = read({
      POLYREEL_PUBLIC_URL: "https://Studio.example/polyreel/",
      POLYREEL_CDN_URL: "https://cdn.example",
      POLYREEL_LINK_LIFETIME: "7d",
      POLYREEL_LINK_KEYS: `new:${"n".repeat(32)}, old:${"o".repeat(32)}`,
    })();
    expect({ ...links, keys: links.keys.map(({ id }) => id) }).toEqual({
      ...{ publicUrl: "https://studio.example/polyreel", cdnUrl: "https://cdn.example", lifetimeMs: 7 * 86_400_000 },
      ...{ keys: ["new", "old"], keysFile: "" },
    });
  });

  it.each([
    ["POLYREEL_PUBLIC_URL", "studio.example"],
    ["POLYREEL_PUBLIC_URL", "https://user:secret@studio.example"],
    ["POLYREEL_PUBLIC_URL", "https://studio.example/?a=b"],
    ["POLYREEL_CDN_URL", "ftp://cdn.example"],
    ["POLYREEL_LINK_LIFETIME", "8d"],
    ["POLYREEL_LINK_LIFETIME", "0s"],
    ["POLYREEL_LINK_LIFETIME", ""],
    ["POLYREEL_LINK_KEYS", `secret${"s".repeat(40)}`],
    ["POLYREEL_LINK_KEYS", "k1:secret"],
  ])("refuses %s=%s, without showing a secret", (name, value) => {
    expect(read({ [name]: value })).toThrow(name);
    if (value.includes("secret")) expect(read({ [name]: value })).not.toThrow(/secrets|user:|:secret@|k1:secret/);
  });
});
