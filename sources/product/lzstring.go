package product

import (
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// lzAlphabet is base64's as lz-string uses it.
const lzAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="

var (
	errLZ      = errors.New("the text was not compressed by lz-string")
	errLZLarge = errors.New("the text is too large")
)

// unLZ undoes lz-string's compressToBase64, of which old libraries' bodies are made, up to limit bytes of text.
// https://github.com/pieroxy/lz-string
func unLZ(text string, limit int) ([]byte, error) {
	in := lzBits{text: text}
	entries := [][]uint16{nil, nil, nil}
	first, ok := in.symbol(int(in.read(2)))
	if !ok {
		return nil, errLZ
	}
	word := []uint16{first}
	entries = append(entries, word)
	out := append([]uint16(nil), word...)
	codes := lzWidth{width: 3, room: 4}
	for {
		if in.ended {
			return nil, errLZ
		}
		code := int(in.read(codes.width))
		if code == 2 {
			return lzText(out, limit)
		}
		if code < 2 {
			one, ok := in.symbol(code)
			if !ok {
				return nil, errLZ
			}
			entries = append(entries, []uint16{one})
			code = len(entries) - 1
			codes.next()
		}
		var entry []uint16
		switch {
		case code < len(entries):
			entry = entries[code]
		case code == len(entries):
			entry = append(append([]uint16(nil), word...), word[0])
		default:
			return nil, errLZ
		}
		if out = append(out, entry...); len(out) > limit {
			return nil, errLZLarge
		}
		entries = append(entries, append(append(make([]uint16, 0, len(word)+1), word...), entry[0]))
		word = entry
		codes.next()
	}
}

// lzWidth is how many bits the next code has, and for how many codes more.
type lzWidth struct{ width, room int }

func (w *lzWidth) next() {
	if w.room--; w.room == 0 {
		w.room = 1 << w.width
		w.width++
	}
}

// lzText writes what was in JavaScript's strings.
func lzText(units []uint16, limit int) ([]byte, error) {
	b := make([]byte, 0, len(units))
	for _, r := range utf16.Decode(units) {
		b = utf8.AppendRune(b, r)
	}
	if len(b) > limit {
		return nil, errLZLarge
	}
	return b, nil
}

// lzBits reads a compressed text, six bits a letter, the highest first, and numbers in it the lowest bit first.
type lzBits struct {
	text  string
	at    int
	bits  uint8 // of the letter that is read
	left  int
	ended bool
}

func (r *lzBits) read(n int) (value uint32) {
	for i := range n {
		if r.left == 0 {
			if r.at == len(r.text) {
				r.ended = true
				return 0
			}
			letter := strings.IndexByte(lzAlphabet, r.text[r.at])
			if letter < 0 {
				r.ended = true
				return 0
			}
			r.at++
			r.bits, r.left = uint8(letter), 6
		}
		r.left--
		value |= uint32(r.bits>>r.left&1) << i
	}
	return value
}

// symbol reads a letter of the text that is met for the first time: of 8 bits by code 0, of 16 by code 1.
func (r *lzBits) symbol(code int) (unit uint16, ok bool) {
	if r.ended || code > 1 {
		return 0, false
	}
	unit = uint16(r.read(8 << code))
	return unit, !r.ended
}
