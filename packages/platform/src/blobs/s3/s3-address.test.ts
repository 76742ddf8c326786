import { describe, expect, it } from "vitest";
import { PolyreelError } from "../../errors.js";
import { describeS3, isS3Address, parseS3Address } from "./s3-address.js";

describe("parseS3Address", () => {
  it.each([
    ["s3://media", { bucket: "media", prefix: "", region: "us-east-1", pathStyle: false, create: false }],
    ["s3://media/", { prefix: "" }],
    ["s3://media/polyreel/store/", { prefix: "polyreel/store/" }],
    ["s3://media?endpoint=http://s3:9000", { publicEndpoint: undefined }],
    [
      "s3://media?endpoint=http://s3:9000&publicEndpoint=https://s3.example",
      { publicEndpoint: new URL("https://s3.example") },
    ],
    ["s3://media?region=eu-west-1", { region: "eu-west-1", pathStyle: false }],
    ["s3://me.dia", { bucket: "me.dia", pathStyle: true }],
    ["s3://media/a?endpoint=http://127.0.0.1:9000", { prefix: "a/", pathStyle: true }],
    ["s3://media?endpoint=https://s3.example&pathStyle=false&create=true", { pathStyle: false, create: true }],
  ])("reads %s", (text, expected) => {
    expect(isS3Address(text)).toBe(true);
    expect(parseS3Address(text)).toMatchObject(expected);
  });

  it("has Amazon's endpoint of the region by default", () => {
    expect(parseS3Address("s3://media?region=eu-west-1").endpoint.href).toBe("https://s3.eu-west-1.amazonaws.com/");
    expect(parseS3Address("s3://media?endpoint=http://[::1]:9000").endpoint.origin).toBe("http://[::1]:9000");
    expect(describeS3(parseS3Address("s3://media/a?endpoint=http://[::1]:9000"))).toBe(
      "s3://media/a/ at http://[::1]:9000",
    );
  });

  it.each([
    ["s3:media", "bucket name"],
    ["s3://", "bucket name"],
    ["s3://Media", "bucket name"],
    ["s3://media:80", "bucket name"],
    ["s3://media/a//b", "prefix"],
    ["s3://media/a b", "prefix"],
    ["s3://media?endpoint=ftp://host", "endpoint"],
    ["s3://media?endpoint=host:9000", "endpoint"],
    ["s3://media?endpoint=http://host/path", "endpoint"],
    ["s3://media?publicEndpoint=s3.example", "endpoint"],
    ["s3://media?region=a/b", "region"],
    ["s3://media?pathStyle=yes", "pathStyle=true"],
    ["s3://media?create=1", "create=true"],
    ["s3://media?secret=a", "parameter"],
    ["s3://user:hidden@media", "user or password"],
    ["s3://media?endpoint=http://user:hidden@host", "user or password"],
  ])("refuses %s", (text, what) => {
    const refused = (): PolyreelError => {
      try {
        parseS3Address(text);
      } catch (error) {
        if (error instanceof PolyreelError) return error;
      }
      return expect.fail("it was read");
    };
    const { code, failure } = refused();
    expect(code).toBe("invalid");
    expect(failure.reason).toMatch(new RegExp(what));
    expect(failure.reason).not.toContain("hidden");
    expect(failure.remedy).toContain("s3://bucket/prefix");
  });
});
