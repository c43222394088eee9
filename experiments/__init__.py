"""Sweeps of multilayer perceptrons: config, plan, training jobs, statistics."""
