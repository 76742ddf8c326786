import { basename } from "node:path";
import { box } from "./nestings.js";
import type { Trap } from "./traps.js";

/** Targets of hostile files: must never be read or requested. */
export interface Bait {
  /** A URL on loopback. */
  readonly url: string;
  /** A video beside the temporary files. */
  readonly path: string;
}

/** Files without media that refer to it: by path, by URL, by a server's response. */
export function playlists({ url, path }: Bait): Trap[] {
  const port = new URL(url).port;
  const texts: Record<string, string> = {
    "hls.m3u8": `#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n${url}/a.ts\n#EXTINF:3,\nfile://${path}\n#EXT-X-ENDLIST\n`,
    "hls.mp4": `#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\nconcat:${url}/header.m3u8|file://${path}\n#EXT-X-ENDLIST\n`,
    "key.m3u8": `#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="${url}/key"\n#EXTINF:3,\n${path}\n#EXT-X-ENDLIST\n`,
    "list.txt": `ffconcat version 1.0\nfile '${path}'\nfile '${url}/a.mp4'\n`,
    "list.mp4": `ffconcat version 1.0\nfile ${basename(path)}\n`,
    "concat.mov": `file '${path}'\n`,
    "dash.mpd": `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT3S"><Period><BaseURL>${url}/</BaseURL><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>${path}</BaseURL></Representation></AdaptationSet></Period></MPD>`,
    "smil.mp4": `<smil><body><video src="${url}/a.mp4"/></body></smil>`,
    "list.asx": `<asx version="3.0"><entry><ref href="${url}/a.wmv"/></entry></asx>`,
    "list.pls": `[playlist]\nFile1=${url}/a.mp3\nFile2=${path}\nNumberOfEntries=2\n`,
    "session.sdp": `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video ${port} RTP/AVP 96\na=rtpmap:96 H264/90000\n`,
    "cue.wav": `FILE "${path}" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n`,
    "script.avs": `AviSource("${path}")\n`,
    "meta.mp4": `;FFMETADATA1\ntitle=${url}\n`,
    "graph.mp4": `movie=${path}[out0]`,
    "drawing.svg": svg(url, path),
    "drawing.png": svg(url, path),
    "entity.svg": `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file://${path}">]><svg xmlns="http://www.w3.org/2000/svg"><text>&x;</text></svg>`,
    "page.html": `<!doctype html><img src="${url}/a.png"><video src="file://${path}">`,
  };
  return [
    ...Object.entries(texts).map(([name, text]) => ({ name, bytes: Buffer.from(text) })),
    { name: "reference.mov", bytes: referenceMovie(`${url}/a.mov`) },
    { name: "dref.mp4", bytes: dataElsewhere(`file://${path}`) },
    { name: "dref-url.mp4", bytes: dataElsewhere(`${url}/a.mp4`) },
  ];
}

const svg = (url: string, path: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="64" height="64"><style>@import "${url}/a.css"; text {font-family: x}</style><image xlink:href="${url}/a.png" width="9" height="9"/><image href="file://${path}" width="9" height="9"/><use href="${url}/a.svg#x"/></svg>`;

/** QuickTime's reference movie, which refers to a film (rmra, rmda, rdrf). */
function referenceMovie(url: string): Buffer {
  const text = Buffer.from(`${url}\0`);
  const reference = box("rdrf", Buffer.concat([Buffer.alloc(4), Buffer.from("url "), uint32(text.length), text]));
  return Buffer.concat([
    box("ftyp", Buffer.from("qt  \0\0\0\0qt  ")),
    box("moov", box("rmra", box("rmda", reference))),
  ]);
}

/** A track whose samples are in another file (dref without the self-reference flag). */
function dataElsewhere(url: string): Buffer {
  const entry = box("url ", Buffer.concat([Buffer.alloc(4), Buffer.from(`${url}\0`)]));
  const dref = box("dref", Buffer.concat([Buffer.alloc(4), uint32(1), entry]));
  const sample = Buffer.alloc(78);
  sample.writeUInt16BE(1, 6);
  sample.writeUInt16BE(64, 24);
  sample.writeUInt16BE(64, 26);
  const table = Buffer.concat([
    box("stsd", Buffer.concat([Buffer.alloc(4), uint32(1), box("mp4v", sample)])),
    box("stts", Buffer.concat([Buffer.alloc(4), uint32(1), uint32(30), uint32(1000)])),
    box("stsc", Buffer.concat([Buffer.alloc(4), uint32(1), uint32(1), uint32(30), uint32(1)])),
    box("stsz", Buffer.concat([Buffer.alloc(4), uint32(1000), uint32(30)])),
    box("stco", Buffer.concat([Buffer.alloc(4), uint32(1), uint32(0)])),
  ]);
  const minf = box("minf", Buffer.concat([box("dinf", dref), box("stbl", table)]));
  const mdhd = box("mdhd", Buffer.concat([Buffer.alloc(12), uint32(30_000), uint32(30_000), Buffer.alloc(4)]));
  const hdlr = box("hdlr", Buffer.concat([Buffer.alloc(8), Buffer.from("vide"), Buffer.alloc(13)]));
  const trak = box("trak", box("mdia", Buffer.concat([mdhd, hdlr, minf])));
  return Buffer.concat([box("ftyp", Buffer.from("isom\0\0\0\0isom")), box("moov", trak)]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
