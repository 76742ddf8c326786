/** A still or film that ffmpeg generates. */
export interface Picture {
  name: string;
  /** Filter graph without inputs. */
  graph: string;
  /** 0 for a still. */
  seconds: number;
}

/** Filter graphs need commas and semicolons escaped, and no whitespace; formulas are written with both for legibility. */
const formula = (text: string): string => text.replace(/\s+/g, "").replace(/[,;]/g, "\\$&");

/** A film computed per pixel at a small size and enlarged smoothly. T is the time; X/W and Y/H the position. */
function computed(size: string, seconds: number, red: string, green: string, blue: string, shown = "540:960"): string {
  const [r, g, b] = [red, green, blue].map(formula);
  return [
    `color=black:s=${size}:r=30:d=${seconds || 1}`,
    "format=gbrp",
    `geq=r='${r}':g='${g}':b='${b}'`,
    `scale=${shown}:flags=bicubic`,
  ].join(",");
}

/** Aurora over a night sky. */
const band = (height: number, sway: string, sharpness: number) =>
  `exp(-pow((Y/H - ${height} - ${sway}) * ${sharpness}, 2))`;
const aurora = computed(
  "108x192",
  3,
  `10 + 18*Y/H + 90*${band(0.2, "0.06*sin(X/W*4 - T*0.7 + 1)", 8)}
     + 50*${band(0.3, "0.07*sin(X/W*5 + T*0.9)", 7)} * (0.6 + 0.4*sin(X/W*17 - T*1.7))`,
  `8 + 14*Y/H + 200*${band(0.42, "0.09*sin(X/W*5 + T*0.9) - 0.03*sin(X/W*11 - T*1.3)", 5.5)}
     * (0.62 + 0.38*sin(X/W*19 + T*1.9 + 3*sin(X/W*3 + T*0.5)))`,
  `28 + 30*Y/H + 50*${band(0.2, "0", 4)}
     + 110*${band(0.3, "0.08*sin(X/W*5 + T*0.9)", 4.5)} * (0.7 + 0.3*sin(X/W*13 + T))`,
);

/** Sunset over the sea: register 0 is the distance from the sun's centre, 1 its disc, 2 its reflection on the water. */
const SKY = "st(0, hypot((X/W - 0.5)*0.5625, Y/H - 0.44 - 0.012*T)); st(1, clip((0.086 - ld(0))*260, 0, 1));";
const SEA = `st(2, exp(-pow((X/W - 0.5)*(4 + 10*(Y/H - 0.62)), 2))
  * pow(0.5 + 0.5*sin(540*sqrt(Y/H - 0.6) - T*5 + 2*sin(X/W*14 + T*2)), 3));`;
const horizon = (sky: string, sea: string) => `if(lt(Y/H, 0.62), ${SKY} ${sky}, ${SEA} ${sea})`;
const sunset = computed(
  "180x320",
  3,
  horizon(
    "lerp(min(255, 110 + 150*Y/H + 120*exp(-ld(0)*6)), 255, ld(1))",
    "40 + 60*exp(-pow((X/W - 0.5)*5, 2)) + 150*ld(2)",
  ),
  horizon(
    "lerp(40 + 120*Y/H*Y/H + 110*exp(-ld(0)*8), 212 - 300*(Y/H - 0.44), ld(1))",
    "20 + 25*exp(-pow((X/W - 0.5)*5, 2)) + 105*ld(2)",
  ),
  horizon("lerp(130 - 70*Y/H, 130 - 200*(Y/H - 0.44), ld(1))", "75 - 30*Y/H + 40*ld(2)"),
);

/** Discs of light rising through a rotating gradient. */
const DISCS = [
  { size: 340, x: "60 + 40*sin(t*0.9)", y: "560 - 60*t" },
  { size: 150, x: "300 + 50*sin(t*1.3 + 1)", y: "300 - 80*t" },
  { size: 90, x: "120 + 60*sin(t*1.7 + 2)", y: "760 - 120*t" },
  { size: 240, x: "-60 + 30*sin(t + 3)", y: "120 - 30*t" },
  { size: 220, x: "360 + 30*sin(t*0.8)", y: "800 - 70*t" },
];
const disc = formula(
  "st(0, hypot(X - 110, Y - 110)/108); if(lt(ld(0), 1), (60 + 70*pow(ld(0), 4)) * min(1, (1 - ld(0))*14), 0)",
);
const bokeh = [
  "gradients=s=540x960:r=30:d=3:n=3:c0=0x1b1464:c1=0x8e2de2:c2=0xff5f6d:speed=0.012:seed=4[v0]",
  `color=white:s=220x220:r=30:d=0.04,format=rgba,geq=r=255:g=240:b=225:a='${disc}',loop=-1:1,split=${DISCS.length}${DISCS.map((_, index) => `[d${index}]`).join("")}`,
  ...DISCS.map(({ size }, index) => `[d${index}]scale=${size}:-1[s${index}]`),
  ...DISCS.map(
    ({ x, y }, index) =>
      `[v${index}][s${index}]overlay=x='${formula(x)}':y='${formula(y)}':shortest=1${index + 1 < DISCS.length ? `[v${index + 1}]` : ""}`,
  ),
].join(";");

/** Folds of silk: nested sine waves. */
const FOLDS = `st(0, sin(X/W*3.2 + Y/H*4 + T*0.8 + 1.6*sin(Y/H*5 - T*0.6 + sin(X/W*4 + T*0.5))));
  st(1, pow(0.5 + 0.5*sin(ld(0)*4 + Y/H*7 - T*0.9), 2));`;
const silk = computed(
  "135x240",
  4,
  `${FOLDS} 14 + 60*(1 - Y/H) + 170*ld(1)`,
  `${FOLDS} 30 + 70*Y/H + 60*(0.5 + 0.5*ld(0)) + 60*ld(1)`,
  `${FOLDS} 80 + 90*(0.5 + 0.5*ld(0)) - 20*ld(1)`,
);

/** Hills at dawn: registers 0 to 2 are the ridges from far to near, 3 the proximity to the sun. */
const RIDGES = `st(0, 0.50 + 0.03*sin(X/W*7 + 1) + 0.012*sin(X/W*19));
  st(1, 0.62 + 0.04*sin(X/W*5 + 3) + 0.015*sin(X/W*13 + 2));
  st(2, 0.76 + 0.05*sin(X/W*4 + 5) + 0.01*sin(X/W*17));
  st(3, exp(-hypot((X/W - 0.68)*0.5625, Y/H - 0.34)*7));`;
const dawn = (near: number, middle: number, far: number, sky: string) =>
  `${RIDGES} if(gt(Y/H, ld(2)), ${near}, if(gt(Y/H, ld(1)), ${middle}, if(gt(Y/H, ld(0)), ${far}, min(255, ${sky}))))`;
const hills = computed(
  "540x960",
  0,
  dawn(16, 38, 86, "lerp(38, 235, pow(Y/H*1.9, 1.4)) + 110*ld(3)"),
  dawn(40, 78, 120, "lerp(70, 190, Y/H*1.9) + 75*ld(3)"),
  dawn(52, 92, 140, "lerp(120, 160, Y/H*1.9) + 30*ld(3)"),
  "1080:1920",
);

export const pictures: readonly Picture[] = [
  { name: "aurora.mp4", graph: aurora, seconds: 3 },
  { name: "sunset.mp4", graph: sunset, seconds: 3 },
  { name: "bokeh.mp4", graph: bokeh, seconds: 3 },
  { name: "silk.mp4", graph: silk, seconds: 4 },
  { name: "hills.png", graph: hills, seconds: 0 },
];
