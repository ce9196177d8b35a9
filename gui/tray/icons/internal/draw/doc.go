// Package draw makes Beagle's icons from shapes, at any size, so that each size is sharp and
// the same source always makes the same picture. It is used at development time; programs
// embed what it made.
//
// A state is told by its shape and by its mark, and by its colour only as well: people who see
// no difference between red and green, and panels that paint icons grey, lose nothing.
package draw
