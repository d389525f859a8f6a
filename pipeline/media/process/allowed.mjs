/** Demuxers (FFmpeg's names) that may read a submission: what phones record, and sound files for `iss inspect`. */
export const CONTAINERS = ['mov,mp4,m4a,3gp,3g2,mj2', 'matroska,webm', 'wav', 'mp3', 'ogg', 'flac'];

/** The same as FFmpeg's own `format_whitelist`, so that nothing nested opens another. */
export const FORMAT_WHITELIST = CONTAINERS.join(',');

/** Codecs (FFmpeg's names) that phones and browsers record with. */
export const VIDEO_CODECS = ['h264', 'hevc', 'mpeg4', 'h263', 'mjpeg', 'vp8', 'vp9', 'av1'];
export const AUDIO_CODECS = [
  ...['aac', 'mp3', 'opus', 'vorbis', 'flac', 'alac', 'amr_nb', 'amr_wb'],
  ...['pcm_s16le', 'pcm_s16be', 'pcm_s24le', 'pcm_s24be', 'pcm_s32le', 'pcm_f32le', 'pcm_f32be', 'pcm_u8'],
  ...['pcm_alaw', 'pcm_mulaw'],
];

/** Decoders behind those codecs, for FFmpeg's `codec_whitelist`, which holds while it looks at the streams too. */
export const CODEC_WHITELIST = [
  ...VIDEO_CODECS,
  ...['libdav1d', 'libvpx', 'libvpx-vp9'],
  ...AUDIO_CODECS,
  ...['amrnb', 'amrwb', 'libopus', 'mp3float'],
].join(',');
