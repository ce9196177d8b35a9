// Package budget keeps the agent from hurting the machine it runs on.
//
// A [Governor] measures what the agent uses and what the machine needs, and decides when sweeps
// have to wait. Each sweep is a [Task]: it asks [Task.Pace] several times a second whether it
// may go on, and is held there while the agent is over its budget, and, if it is a deep one,
// while the machine runs on battery or is busy. Nothing is stopped halfway and nothing is lost:
// a sweep that is held goes on where it was.
//
// Three things work together. [Lower] and [IdleThread] leave the order of things to the system:
// what people run comes first. Pace keeps deep sweeps slow by themselves, so that they cost
// little also on a machine with nothing else to do. The governor watches over the result, since
// the other two are only meant to keep the budget.
//
// The governor lives as long as the agent and costs next to nothing while no sweep runs: it
// looks once a minute.
package budget
