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
