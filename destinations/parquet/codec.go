package parquet

import (
	"github.com/klauspost/compress/zstd"
	wide "github.com/parquet-go/parquet-go/compress/zstd"
)

// pageBytes is how much of a column is gathered before it is compressed, which bounds the memory that a file takes while it is made.
const pageBytes = 64 << 10

// codec is Zstandard with a window no larger than a page: with the library's own, each encoder holds on to 8 MiB.
type codec struct {
	wide.Codec // its name, and reading
	encoder    *zstd.Encoder
}

func newCodec() *codec {
	encoder, err := zstd.NewWriter(nil, zstd.WithWindowSize(2*pageBytes), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true),
		zstd.WithZeroFrames(true), zstd.WithEncoderCRC(false))
	if err != nil {
		panic("BUG: options that Zstandard does not take: " + err.Error())
	}
	return &codec{encoder: encoder}
}

// Encode may be called by several goroutines at once.
func (c *codec) Encode(dst, src []byte) ([]byte, error) {
	return c.encoder.EncodeAll(src, dst[:0]), nil
}
