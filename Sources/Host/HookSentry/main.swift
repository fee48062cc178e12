print("hooksentry")
