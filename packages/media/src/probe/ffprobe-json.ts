/** The used fields of ffprobe's -of json -show_format -show_streams. Numbers are strings. */
export interface FfprobeJson {
  format?: { format_name?: string; duration?: string; start_time?: string; size?: string };
  streams?: FfprobeStream[];
  /** For stills: the first picture, which has EXIF's orientation. */
  frames?: { side_data_list?: SideData[] }[];
  /** For everything else: the first packet. */
  packets?: { side_data_list?: SideData[] }[];
}

export interface FfprobeStream {
  index: number;
  codec_type?: string;
  codec_name?: string;
  codec_tag_string?: string;
  width?: number;
  height?: number;
  sample_aspect_ratio?: string;
  pix_fmt?: string;
  bit_rate?: string;
  field_order?: string;
  color_space?: string;
  color_primaries?: string;
  color_transfer?: string;
  avg_frame_rate?: string;
  r_frame_rate?: string;
  start_time?: string;
  duration?: string;
  nb_read_packets?: string;
  channels?: number;
  sample_rate?: string;
  disposition?: { attached_pic?: number; default?: number };
  tags?: Record<string, string>;
  side_data_list?: SideData[];
}

export interface SideData {
  side_data_type?: string;
  displaymatrix?: string;
  rotation?: number;
}
