"""Vector drawings by artists as labelled training data: the parts are known by the groups and colours of the file.

    s2p prepare vectors 2000 OUT table.json=FOLDER

`svg` reads and draws, `table` says which shapes show what, `figure` names and recolours, `pages` composes,
`collections` knows where figures come from, and `source` writes shards as `preprocess.synthetic` does.
"""
