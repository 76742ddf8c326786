import { create } from "@bufbuild/protobuf";
import { CertificateSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { plainCertificate } from "./plain-certificate.js";

it("shows the fields of streams, without those of protobuf, and silence as text", () => {
  const audio = { codec: "aac", channels: 2, loudnessLufs: Number.NEGATIVE_INFINITY };
  const operation = { case: "rendition" as const, value: { format: "m4a", durationSeconds: 2, audio } };
  expect(plainCertificate(create(CertificateSchema, { sizeBytes: 7n, operation }))).toMatchObject({
    sizeBytes: 7,
    format: "m4a",
    audio: { codec: "aac", channels: 2, sampleRate: 0, loudnessLufs: "-Infinity" },
  });
  expect(JSON.stringify(plainCertificate(create(CertificateSchema, { operation })))).not.toContain("$");
});
