// Formats accepted from untrusted media. Both lists contain what people use, not all that ffmpeg supports: most of its
// 500 decoders and 350 demuxers are for obsolete games and devices, and most vulnerabilities are found there.

/**
 * Containers. No playlists and nothing that opens other files (hls, dash, concat, image2 with its patterns, ...): as
 * "video" they could read local files and reach internal hosts. Stills use the *_pipe demuxers, which read a single
 * file.
 */
export const DEMUXERS = [
  "mov,matroska,avi,mpegts,mpeg,mpegvideo,m4v,h264,hevc,flv,asf,ogg,ivf,mxf,gxf,dv,nut,rm,wtv",
  "mp3,aac,flac,wav,w64,aiff,caf,ac3,eac3,amr,ape,wv,tta,au,mpc,mpc8,dts",
  "gif,apng,webp_anim,jpeg_pipe,png_pipe,webp_pipe,bmp_pipe,tiff_pipe,jpegxl_pipe",
].join(",");

const PICTURES = [
  "h264,hevc,vp8,vp9,libvpx,libvpx-vp9,av1,libdav1d,libaom-av1,mpeg4,mpeg2video,mpeg1video,mpegvideo,theora,vvc",
  // Of cameras and editing software.
  "mjpeg,mjpegb,prores,dnxhd,cfhd,dvvideo,jpeg2000,libopenjpeg,ffv1,huffyuv,ffvhuff,utvideo,magicyuv,qtrle,hap,png",
  "rawvideo,v210,v210x,v308,v408,v410,r210,yuv4,ayuv,y41p",
  // Of older files still in use.
  "msmpeg4,msmpeg4v1,msmpeg4v2,h263,h263p,h263i,flv,vp6,vp6a,vp6f,vp3,wmv1,wmv2,wmv3,vc1,svq1,svq3,rv10,rv20,rv30,rv40",
  "cinepak,msvideo1,msrle,indeo5,snow",
  // Of stills and animations.
  "gif,apng,bmp,tiff,webp,webp_anim,libjxl,libjxl_anim",
];

const SOUNDS = [
  "aac,aac_fixed,aac_latm,libfdk_aac,mp3,mp3float,mp2,mp2float,mp1,mp1float,opus,libopus,vorbis,libvorbis,flac,alac",
  "ac3,ac3_fixed,eac3,dca,truehd,mlp,wmav1,wmav2,wmapro,wmalossless,wmavoice,ape,wavpack,tta,mpc7,mpc8",
  "amrnb,amrwb,libopencore_amrnb,libopencore_amrwb,gsm,gsm_ms,libgsm,libgsm_ms,speex,libspeex,nellymoser,qdm2,qdmc",
  "cook,real_144,real_288,sipr,s302m,dvaudio",
  "pcm_s8,pcm_s8_planar,pcm_u8,pcm_s16le,pcm_s16be,pcm_s16le_planar,pcm_s16be_planar,pcm_u16le,pcm_u16be",
  "pcm_s24le,pcm_s24be,pcm_s24le_planar,pcm_u24le,pcm_u24be,pcm_s32le,pcm_s32be,pcm_s32le_planar,pcm_u32le,pcm_u32be",
  "pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be,pcm_s64le,pcm_s64be,pcm_alaw,pcm_mulaw,pcm_bluray,pcm_dvd",
  "adpcm_ima_wav,adpcm_ima_qt,adpcm_ms,adpcm_swf,adpcm_yamaha,g722,g726,g726le",
];

/** ffprobe opens a decoder for each stream and fails if it is not allowed. These are opened, but get no packet. */
const SUBTITLES = [
  "ass,ssa,srt,subrip,text,webvtt,mov_text,dvdsub,dvbsub,pgssub,xsub,cc_dec,libzvbi_teletextdec,libaribb24",
];

/** Decoders by name. Excludes hardware decoders, and librsvg, which would render SVG. */
export const DECODERS = [...PICTURES, ...SOUNDS, ...SUBTITLES].join(",");
