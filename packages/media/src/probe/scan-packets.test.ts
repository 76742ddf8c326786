import { describe, expect, it } from "vitest";
import { movedParts, movedSeconds, restartOffsets } from "./restarts.js";
import { PacketTally, packetOf } from "./scan-packets.js";

function tally(lines: readonly string[], restarting = true) {
  const packets = new PacketTally(restarting);
  for (const line of lines) packets.add(packetOf(line));
  const found = packets.found([{ index: 1, avg_frame_rate: "25/1" }]);
  return Object.fromEntries([...found].map(([index, { parts }]) => [index, parts.map(Object.values)]));
}

describe("packets", () => {
  it("end where the last one does, also without durations, ignoring trailing fields", () => {
    const lines = ["0,1.0,1.0,0.5,K_", "1,2.0,2.0,N/A,K_", "0,0.9,1.1,0.1,__", "0,N/A,N/A,1,__", "", "Skip"];
    expect(tally(lines)).toEqual({ 0: [[0.9, 1.5]], 1: [[2, 2.04]] });
  });

  it("ignores those cut by an edit list", () => {
    expect(tally(["0,-1,-1,1,KD", "0,0,0,1,K_", "0,1,1,1,_D"])).toEqual({ 0: [[0, 1]] });
  });

  it("are timed by decoding times if there is nothing else", () => {
    const packets = new PacketTally(true);
    packets.add(packetOf("0,N/A,2,0.5,K_"));
    expect(packets.found([]).get(0)).toEqual({ parts: [{ startSeconds: 2, endSeconds: 2.5 }], untimed: true });
  });

  it("restart where times fall or leap, in containers where they may", () => {
    const lines = ["0,5,5,1,K_", "0,6,6,1,K_", "0,1,1,1,K_", "0,20,20,1,K_", "0,29,29,1,K_"];
    expect(tally(lines)).toEqual({
      0: [
        [5, 7],
        [1, 2],
        [20, 30],
      ],
    });
    expect(tally(lines, false)).toEqual({ 0: [[1, 30]] });
  });
});

describe("parts with restarting timestamps", () => {
  const part = (startSeconds: number, endSeconds: number) => ({ startSeconds, endSeconds });

  it("are moved together: each begins after all streams of the previous one have ended", () => {
    const picture = [part(1, 4), part(1, 3), part(9, 10)];
    const sound = [part(0.9, 4.5), part(1.2, 2.5), part(9.2, 10)];
    const offsets = restartOffsets([picture, sound, []]);
    expect(offsets).toEqual([3.5, -2.5]);
    expect(movedSeconds(picture, offsets)).toBe(6.5);
    expect(movedParts("setpts", offsets)).toContain(
      "if(eq(ld(0),0),0.000000,if(eq(ld(0),1),3.500000,if(eq(ld(0),2),-2.500000,0)))",
    );
  });

  it("do not exist if times are continuous", () => expect(restartOffsets([[part(0, 1)], []])).toEqual([]));

  it("are refused if audio and video disagree", () => {
    expect(() => restartOffsets([[part(0, 3), part(0, 1)], [part(0, 9)]])).toThrow(/restart after 3.00 s/);
  });
});
