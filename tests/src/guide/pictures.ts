import type { PictureChoice } from "./page-picture.js";

/** Pages whose batch leaves no files: its videos are served, or in a bucket or a drive. */
export const WITHOUT_PICTURE: readonly string[] = ["virtual", "videos-to-s3", "videos-to-google-drive"];

/** `shrunk`: how many times smaller than in the guide canvases are, so that texts can be read. */
type PagePicture = PictureChoice & { shrunk?: number };

/** What pages show, if it is not two moments of three videos. */
export const PICTURES: Readonly<Record<string, PagePicture>> = {
  "two-languages": { shrunk: 4, moments: [0.5] },
  "square-and-vertical": { shrunk: 4, moments: [0.5] },
  texts: { shrunk: 3, moments: [0.5] },
  products: { shrunk: 5, moments: [0.5] },
  "ad-names": { moments: [0.5] },
  transcode: { moments: [0.5] },
  captions: {
    shrunk: 4,
    tiles: [
      ...["body-demo_short_karaoke_none.mp4@0.45", "body-demo_short_karaoke_none.mp4@0.9"],
      ...["body-review_long_none_pop.mp4@0.35", "body-review_long_none_pop.mp4@0.95"],
    ],
  },
  subtitles: { shrunk: 4, moments: [0.5] },
  images: {
    tiles: [
      ...["photos-cta-shop.webp", "photos-cta-shop.jpg", "photos-cta-shop.png", "photos-cta-shop.preview.jpg"],
      ...["photos-call.webp", "photos-call.jpg"],
    ],
  },
  inputs: { tiles: ["talks-talk.jpg", "talks-interview.jpg", "talks-keynote.jpg", "talks-keynote.sheet.jpg"] },
  thumbnails: {
    shrunk: 3,
    tiles: ["talk.webp", "talk/shot-1.jpg", "talk/shot-2.jpg", "interview/shot-3.jpg", "interview.storyboard.jpg"],
  },
  waveforms: { tiles: ["waves-talk.waveform.png", "waves-song.waveform.png"] },
};
