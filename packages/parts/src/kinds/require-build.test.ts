import { expect, it } from "vitest";
import { requireBuild } from "./require-build.js";

const OWN = "h264-5/ffmpeg 7.1.5/x264 164";

it.each([OWN, `${OWN}/skia 1`])("accepts %s", (planned) => {
  expect(() => requireBuild(planned, OWN)).not.toThrow();
});

it.each(["h264-5/ffmpeg 5.1.9/x264 164", "h264-4/ffmpeg 7.1.5/x264 164", `${OWN}5`, ""])("refuses %s", (planned) => {
  expect(() => requireBuild(planned, OWN)).toThrow(
    expect.objectContaining({ code: "unavailable", message: expect.stringContaining(`encodes with "${OWN}"`) }),
  );
});
