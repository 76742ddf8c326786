import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { FailureSchema, VoiceService, voicesRequest } from "@polyreel/contract";
import { answerRequests } from "@polyreel/platform/stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningGateway, runGateway } from "./testing/running-gateway.js";

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await runGateway();
});
afterAll(() => gateway.close());

const listVoices = () => createClient(VoiceService, createGrpcTransport({ baseUrl: gateway.url })).listVoices({});

it("explains what to do without a speech service, and lists the voices of a running one", async () => {
  const error = await listVoices().then(
    () => expect.fail("nobody could have answered"),
    (thrown: unknown) => ConnectError.from(thrown),
  );
  expect(error.code).toBe(Code.Unavailable);
  expect(error.findDetails(FailureSchema)).toMatchObject([
    { reason: "No speech service answers.", remedy: "Start the tts service, and call again." },
  ]);

  const voices = [
    { name: "slt", engine: "flite", language: "en-US" },
    { name: "en-us", engine: "espeak-ng" },
  ];
  const tts = answerRequests(voicesRequest, gateway.platform, { atOnce: 1 }, async () => ({ voices }));
  await gateway.platform.stream.connection.flush();
  expect((await listVoices()).voices).toMatchObject(voices);
  await tts.close();
});
