import { testConfinedRuns } from "@polyreel/platform/testing";
import { spawnProgram } from "./child.js";

testConfinedRuns("fluent-ffmpeg", spawnProgram);
