import { AVERROR_EOF } from 'node-av/constants';
import { avGetPixFmtName, FFmpegError, Filter, FilterGraph, Frame } from 'node-av/lib';

/**
 * A row of FFmpeg filters for the pictures of one track.
 * @param {Frame} first the first frame: size, pixel format and colours of the rest
 * @param {import('node-av/lib').Rational} timeBase of the frames' pts
 * @param {import('node-av/lib').Rational} frameRate 0/x when unknown
 * @param {string[]} filters each as `name=arguments`
 */
export function makeFilterChain(first, timeBase, frameRate, filters) {
  const graph = new FilterGraph();
  graph.alloc();
  graph.nbThreads = 1;
  /** @param {string} name @param {string} label @param {string | null} args */
  const make = (name, label, args) => {
    const kind = Filter.getByName(name);
    const context = kind === null ? null : graph.createFilter(kind, label, args);
    if (context === null) throw new Error(`cannot make the filter ${name}=${args}`);
    return context;
  };
  const aspect = first.sampleAspectRatio;
  const shape = [
    `video_size=${first.width}x${first.height}`,
    `pix_fmt=${avGetPixFmtName(/** @type {import('node-av/constants').AVPixelFormat} */ (first.format))}`,
    `time_base=${timeBase.num}/${timeBase.den}`,
    `pixel_aspect=${aspect.num}/${Math.max(1, aspect.den)}`,
    `colorspace=${first.colorSpace}`,
    `range=${first.colorRange}`,
    ...(frameRate.num > 0 ? [`frame_rate=${frameRate.num}/${frameRate.den}`] : []),
  ];
  const source = make('buffer', 'in', shape.join(':'));
  const sink = make('buffersink', 'out', null);
  // Linked one by one: the parser's lists of open pads would be freed twice (by FFmpeg and by node-av 6.1).
  let last = source;
  for (const [i, text] of filters.entries()) {
    const [name = '', ...args] = text.split('=');
    const next = make(name, `filter${i}`, args.join('='));
    FFmpegError.throwIfError(last.link(0, next, 0), 'link the filters');
    last = next;
  }
  FFmpegError.throwIfError(last.link(0, sink, 0), 'link the filters');
  FFmpegError.throwIfError(graph.configSync(), 'set up the filters');
  const frame = new Frame();
  frame.alloc();

  /** @param {(picture: Frame) => void} give */
  const drain = (give) => {
    while (sink.buffersinkGetFrameSync(frame) >= 0) {
      give(frame);
      frame.unref();
    }
  };
  return {
    /** Keeps the filters alive, too: only `graph` owns them. */
    graph,
    sink,
    /**
     * @param {Frame} picture
     * @param {(picture: Frame) => void} give is handed what comes out; the frame is used again afterwards
     */
    add(picture, give) {
      FFmpegError.throwIfError(source.buffersrcAddFrameSync(picture), 'filter a frame');
      drain(give);
    },
    /** @param {(picture: Frame) => void} give is handed the last frames */
    end(give) {
      const code = source.buffersrcAddFrameSync(null);
      if (code !== AVERROR_EOF) FFmpegError.throwIfError(code, 'end the filters');
      drain(give);
    },
  };
}
