"""What the voxels of a chest CT say about their header: HU, orientation and spacing; numpy and scipy only."""
