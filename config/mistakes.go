package config

import (
	"slices"

	"headgate/document"
)

// discreet returns mistakes that show no secret.
func (l *Loaded) discreet(ms document.Mistakes) document.Mistakes {
	for i := range ms {
		ms[i].Fact, ms[i].Cure = l.secrets.Hide(ms[i].Fact), l.secrets.Hide(ms[i].Cure)
	}
	return ms
}

// withoutEchoes leaves out mistakes that only follow from others: those on lines whose values could not be read as intended, which are
// about what is left of the values, and those at the places of known ones.
func (l *Loaded) withoutEchoes(ms, known document.Mistakes) document.Mistakes {
	return slices.DeleteFunc(ms, func(m document.Mistake) bool {
		return slices.ContainsFunc(known, func(first document.Mistake) bool { return m.At == first.At }) ||
			slices.ContainsFunc(l.misread, func(first document.Mistake) bool {
				return m.At.File == first.At.File && m.At.Line == first.At.Line && m.At.Line > 0
			})
	})
}

func asMistakes(err error) (ms document.Mistakes) {
	if err != nil {
		ms.Add(document.Place{}, "close what was built: "+err.Error(), "")
	}
	return ms
}
