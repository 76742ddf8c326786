import { expect, it } from "vitest";
import { parseBatchFile } from "./parse.js";

const withMetadata = (metadata: string) =>
  parseBatchFile("batch.yaml", `outputs: [{to: [{s3: {destination: ads, metadata: ${metadata}}}]}]\n`);

it("takes an object's metadata as written", () => {
  const { batchFile } = withMetadata("{campaign-id: 0047, paid: true}");
  expect(batchFile?.batch.outputs[0]?.to[0]?.kind).toMatchObject({
    ...{ case: "s3", value: { destination: "ads", metadata: { "campaign-id": "0047", paid: "true" } } },
  });
});

it.each(["Campaign", "__proto__", "a b", "-a"])("refuses the key %s by the contract's rule for objects", (key) => {
  expect(withMetadata(`{"${key}": x}`).problems).toMatchObject([
    {
      what: `"${key}" can't be a key of "metadata".`,
      remedy: 'Begin with a lower-case letter or digit and go on with these, "_" and "-", up to 63 in all.',
    },
  ]);
});

it("takes a lexicon as written", () => {
  const { batchFile } = parseBatchFile(
    "batch.yaml",
    'lexicon: {ACME X1: ack-me x one, 5G: five gee, 24: "twenty-four"}\n',
  );
  expect(batchFile?.batch.lexicon).toEqual({ "ACME X1": "ack-me x one", "5G": "five gee", "24": "twenty-four" });
});

it.each([" ACME", "__proto__", "a".repeat(201)])("refuses the word %j in a lexicon", (word) => {
  expect(parseBatchFile("batch.yaml", `lexicon: {"${word}": x}\n`).problems).toMatchObject([
    { remedy: "Write a word without spaces around it, of up to 200 characters." },
  ]);
});
