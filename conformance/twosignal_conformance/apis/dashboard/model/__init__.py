"""Layer B: people with roles at work in any order, compared with a model that knows who may what."""
