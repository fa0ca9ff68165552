package rest

import (
	"bytes"
	"compress/gzip"

	"github.com/klauspost/compress/zstd"
)

// Zstandard compresses a body, with little memory.
func Zstandard(body []byte) []byte {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(1<<20))
	if err != nil {
		panic("BUG: options that Zstandard does not take: " + err.Error())
	}
	return encoder.EncodeAll(body, nil)
}

// Gzip compresses a body for those who know nothing better.
func Gzip(body []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(body) // a bytes.Buffer takes everything
	_ = w.Close()
	return b.Bytes()
}
